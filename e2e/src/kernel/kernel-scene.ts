import {
  type AsyncCleanableTest,
  type KernelNeeds,
  type NetNamespace,
  NetNamespaces,
  requireKernel,
  type SkippableTest,
  TestCgroup,
  type TrafficConnection,
  type TrafficListener,
  TrafficProcess,
} from '@sockflow/test-support';

/** A connection as both of its processes have it. */
export interface JoinedConnection {
  readonly near: TrafficConnection;
  readonly far: TrafficConnection;
}

/** Client and server, each a process in a network namespace of its own, both in the test's cgroup. */
export class KernelScene {
  readonly cgroup: TestCgroup;
  readonly a: NetNamespace;
  readonly b: NetNamespace;
  readonly client: TrafficProcess;
  readonly server: TrafficProcess;

  private constructor(
    cgroup: TestCgroup,
    { a, b }: NetNamespaces,
    client: TrafficProcess,
    server: TrafficProcess,
  ) {
    this.cgroup = cgroup;
    this.a = a;
    this.b = b;
    this.client = client;
    this.server = server;
  }

  /** @returns `undefined` where the test is skipped. */
  static async use(
    test: AsyncCleanableTest & SkippableTest,
    needs: KernelNeeds = {},
  ): Promise<KernelScene | undefined> {
    const tools = ['ip', 'nsenter', 'ss', 'nft', 'tcpdump', 'bpftool', ...(needs.tools ?? [])];
    if (!requireKernel(test, { ...needs, tools })) return undefined;
    const cgroup = TestCgroup.use(test);
    const namespaces = NetNamespaces.use(test);
    const [client, server] = await Promise.all([
      TrafficProcess.start(test, { namespace: namespaces.a, cgroup }),
      TrafficProcess.start(test, { namespace: namespaces.b, cgroup }),
    ]);
    return new KernelScene(cgroup, namespaces, client, server);
  }

  /** Connects the client to a listener of the server. */
  async join(listener: TrafficListener, host: string = this.b.ip4): Promise<JoinedConnection> {
    const near = await this.client.connect({ host, port: listener.port });
    return { near, far: await listener.accept() };
  }

  /** The server's echo, on a port of its own. */
  echo(host: string = this.b.ip4): Promise<TrafficListener> {
    return this.server.listen({ host, echo: true });
  }

  /** Closes from the client's side and waits until both processes are done with it. */
  async close({ near, far }: JoinedConnection): Promise<void> {
    await near.end();
    await Promise.all([near.closed(), far.closed()]);
  }
}

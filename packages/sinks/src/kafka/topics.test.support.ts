import { Admin } from '@platformatic/kafka';

/** Makes a topic without one of Kafka's own tools, which take seconds. */
export async function makeTopic(
  address: string,
  topic: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await withAdmin(address, (admin) =>
    admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs }),
  );
}

export async function deleteTopic(address: string, topic: string): Promise<void> {
  await withAdmin(address, (admin) => admin.deleteTopics({ topics: [topic] }));
}

async function withAdmin(address: string, act: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [address] });
  try {
    await act(admin);
  } finally {
    await admin.close();
  }
}

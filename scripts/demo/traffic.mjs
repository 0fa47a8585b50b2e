// Makes a little traffic on loopback, once a line comes on its input: by then it is in a cgroup of its own, and whatever sockets it opens are too.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const EXCHANGES = [400, 100, 20];
const REQUEST_BYTES = 512;

await once(process.stdin, 'data');
const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
await Promise.all(EXCHANGES.map((times) => talk(times)));
server.close();
await once(server, 'close');
// Nobody listens there any more.
await new Promise((resolve) => {
  connect(port, '127.0.0.1').on('error', resolve);
});
process.stdin.destroy();

async function talk(times) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let exchange = 0; exchange < times; exchange++) {
    socket.write(Buffer.alloc(REQUEST_BYTES));
    for (let got = 0; got < REQUEST_BYTES;) got += (await once(socket, 'data'))[0].length;
  }
  socket.end();
  await once(socket, 'close');
}

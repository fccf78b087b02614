/** What the tests of connections run as a worker: it answers each connection with a line for every line. */
import { createServer } from 'node:net';

createServer((socket) => {
  socket.on('error', () => undefined).on('data', () => socket.write('here\n'));
}).listen(0, '127.0.0.1');

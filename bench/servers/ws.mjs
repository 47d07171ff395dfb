// Bare ws: parse, look up, stringify. What everything else is measured against.
import { WebSocketServer } from 'ws';

const room = new Set();
new WebSocketServer({ port: Number(process.env.PORT), perMessageDeflate: false }).on(
  'connection',
  (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (bytes) => {
      const { event, data, id } = JSON.parse(bytes.toString());
      if (event === 'echo') {
        socket.send(JSON.stringify({ event: 'echo', data, id }));
      } else if (event === 'join') {
        room.add(socket);
        socket.on('close', () => room.delete(socket));
      } else if (event === 'publish') {
        for (let i = 0; i < data.count; i++) {
          const text = JSON.stringify({ event: 'msg', data: data.msg });
          for (const member of room) member.send(text);
        }
      }
    });
  },
);

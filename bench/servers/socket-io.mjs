// socket.io, WebSocket transport only, as its users would write it.
import { Server } from 'socket.io';

/** What a row adds. */
const added = process.env.VARIANT === 'recovery' ? { connectionStateRecovery: {} } : {};
const io = new Server(Number(process.env.PORT), { transports: ['websocket'], serveClient: false, ...added });
io.on('connection', (socket) => {
  socket.on('echo', (data, acknowledge) => acknowledge(data));
  socket.on('join', ({ room }) => void socket.join(room));
  socket.on('publish', ({ room, count, msg }) => {
    for (let i = 0; i < count; i++) io.to(room).emit('msg', msg);
  });
});

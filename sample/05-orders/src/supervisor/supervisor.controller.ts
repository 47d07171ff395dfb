import { Controller, Delete, HttpCode, type MessageEvent, Put, Sse } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { ServerProcess } from './server-process.js';

/** What the page asks of the supervisor. Another site's page cannot: its browser would ask us first whether `PUT` and `DELETE` may be sent. */
@Controller('server')
export class SupervisorController {
  constructor(private readonly server: ServerProcess) {}

  @Sse('state')
  states(): Observable<MessageEvent> {
    return this.server.states.pipe(map((state) => ({ data: state })));
  }

  @Delete()
  @HttpCode(204)
  kill(): void {
    this.server.kill();
  }

  @Put('hunt')
  @HttpCode(204)
  hunt(): void {
    this.server.isHunted = true;
  }

  @Delete('hunt')
  @HttpCode(204)
  spare(): void {
    this.server.isHunted = false;
  }
}

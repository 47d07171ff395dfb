import {
  Body,
  Controller,
  Header,
  Headers,
  HttpCode,
  Post,
  UnauthorizedException,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import type { Login } from '../orders/trading-events.js';
import { LoginDto } from './login.dto.js';
import { SessionStore } from './session-store.js';
import { issueToken, sessionOf, type Token } from './tokens.js';
import { UserDirectory } from './user-directory.js';

@Controller()
@UsePipes(new ValidationPipe({ whitelist: true }))
export class LoginController {
  constructor(
    private readonly users: UserDirectory,
    private readonly sessions: SessionStore,
  ) {}

  /** Gives a token for the connection, and the secret that orders are signed with. */
  @Post('login')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async login(@Body() { user: name, password }: LoginDto): Promise<Login> {
    const user = await this.users.verify(name, password);
    if (!user) throw new UnauthorizedException('Unknown user, or wrong password');
    const session = this.sessions.begin(user);
    return { ...(await issueToken(session)), kid: user.id, secret: session.secret.toString('base64url') };
  }

  /** Gives a fresh token for one that is still good. The signing secret stays. */
  @Post('refresh')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async refresh(@Headers('authorization') authorization = ''): Promise<Token> {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
    const session = this.sessions.get(await sessionOf(token));
    if (!session) throw new UnauthorizedException('Log in again');
    return issueToken(session);
  }
}

import { BadRequestException, ForbiddenException } from '@nestjs/common';
import { SubscribeMessage, WsException } from '@nestjs/websockets';
import { concat, of, throwError } from 'rxjs';

/** Handlers that fail in every way; gateways inherit them. */
export class ThrowingMethods {
  @SubscribeMessage('ws text')
  wsText(): never {
    throw new WsException('a text');
  }

  @SubscribeMessage('ws object')
  wsObject(): never {
    throw new WsException({ code: 42, message: 'an object' });
  }

  @SubscribeMessage('plain')
  plain(): never {
    throw new Error('a secret of the server');
  }

  @SubscribeMessage('http')
  http(): never {
    throw new BadRequestException('from http');
  }

  @SubscribeMessage('rejected')
  async rejected(): Promise<never> {
    await Promise.resolve();
    throw new WsException('rejected');
  }

  @SubscribeMessage('not an error')
  notAnError(): never {
    throw 'just a text';
  }

  @SubscribeMessage('observable')
  observable(): unknown {
    return throwError(() => new WsException('in an observable'));
  }

  @SubscribeMessage('after an item')
  afterAnItem(): unknown {
    return concat(
      of('an item'),
      throwError(() => new ForbiddenException('after an item')),
    );
  }

  @SubscribeMessage('plain in observable')
  plainInObservable(): unknown {
    return throwError(() => new Error('a secret in an observable'));
  }
}

export const throwingEvents = [
  'ws text',
  'ws object',
  'plain',
  'http',
  'rejected',
  'not an error',
  'observable',
  'after an item',
  'plain in observable',
] as const;

import {
  type ArgumentMetadata,
  Injectable,
  type PipeTransform,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import type { Scenario } from '../oracle/scenario.js';
import type { Stage } from '../oracle/stage.js';
import { OrderDto } from './order-dto.js';

const transforming = new ValidationPipe({
  transform: true,
  whitelist: true,
  exceptionFactory: (errors) =>
    new WsException(errors.map(({ property, constraints }) => ({ property, constraints }))),
});

const tell = (order: OrderDto, client?: { readyState?: number }): unknown => ({
  event: 'ordered',
  data: { order, isDto: order instanceof OrderDto, readyState: client?.readyState },
});

@WebSocketGateway()
@UsePipes(transforming)
class ClassPipeGateway {
  @SubscribeMessage('order')
  order(client: { readyState: number }, order: OrderDto): unknown {
    return tell(order, client);
  }
}

@WebSocketGateway()
class MethodPipeGateway {
  @UsePipes(transforming)
  @SubscribeMessage('order')
  order(client: { readyState: number }, order: OrderDto): unknown {
    return tell(order, client);
  }
}

@WebSocketGateway()
class NoPipeGateway {
  @SubscribeMessage('order')
  order(client: { readyState: number }, order: OrderDto): unknown {
    return tell(order, client);
  }
}

@WebSocketGateway()
class ParameterPipeGateway {
  @SubscribeMessage('order')
  order(
    @ConnectedSocket() client: { readyState: number },
    @MessageBody(transforming) order: OrderDto,
  ): unknown {
    return tell(order, client);
  }
}

@WebSocketGateway()
@UsePipes(new ValidationPipe())
class HttpExceptionGateway {
  @SubscribeMessage('order')
  order(_client: unknown, order: OrderDto): unknown {
    return tell(order);
  }
}

@Injectable()
class TaggingPipe implements PipeTransform {
  transform(value: unknown, { type, data, metatype }: ArgumentMetadata): unknown {
    const isClient = typeof value === 'object' && value !== null && 'readyState' in value;
    return isClient ? value : { value, type, data, metatype: metatype?.name };
  }
}

@WebSocketGateway()
@UsePipes(TaggingPipe)
class PipeMetadataGateway {
  @SubscribeMessage('bare')
  bare(_client: unknown, data: unknown): unknown {
    return data;
  }

  @SubscribeMessage('typed')
  typed(@MessageBody() data: OrderDto): unknown {
    return data;
  }

  @SubscribeMessage('key')
  key(@MessageBody('item') item: string): unknown {
    return item;
  }
}

async function sendOrders(stage: Stage): Promise<void> {
  const client = await stage.connect();
  const orders = [
    { item: 'tea', amount: 2 },
    { item: 'tea', amount: 0 },
    { item: 5, amount: 'x' },
    { item: 'tea', amount: 2, unknown: true },
    {},
    null,
    'text',
    undefined,
    [],
  ];
  for (const data of orders) await client.exchange({ event: 'order', data });
}

const notSentOn11 = 'Errors reach the client on Nest 11';

export const validation: Scenario[] = [
  ['a ValidationPipe on the class', ClassPipeGateway],
  ['a ValidationPipe on the method', MethodPipeGateway],
  ['a ValidationPipe on the parameter', ParameterPipeGateway],
  ['the default exception of a ValidationPipe', HttpExceptionGateway],
].map(([what, gateway]) => ({
  name: `validates the body with ${what as string}`,
  module: { providers: [gateway as never] },
  play: sendOrders,
  asOnNest12: notSentOn11,
}));

validation.push(
  {
    name: 'validates the body of a bare (client, data: Dto) with a global ValidationPipe',
    module: { providers: [NoPipeGateway] },
    prepare: (app) => app.useGlobalPipes(transforming),
    play: sendOrders,
    asOnNest12: notSentOn11,
  },
  {
    name: 'validates the body with an APP_PIPE',
    module: { providers: [NoPipeGateway, { provide: APP_PIPE, useValue: transforming }] },
    play: sendOrders,
    asOnNest12: notSentOn11,
  },
  {
    name: 'tells pipes the same type, key and class of a parameter',
    module: { providers: [PipeMetadataGateway, TaggingPipe] },
    play: async (stage) => {
      const client = await stage.connect();
      for (const event of ['bare', 'typed', 'key']) client.send({ event, data: { item: 'tea', amount: 1 } });
      await client.receives(3);
    },
  },
);

import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import { type INestApplicationContext, Module, UseGuards } from '@nestjs/common';
import { MessageBody } from '@nestjs/websockets';
import { EnhancerResolver } from '../../lib/nest/enhancer-resolver.js';

class Target {
  @UseGuards({ canActivate: () => true })
  run(@MessageBody('name') name: string) {
    return name;
  }
}

@Module({})
class EmptyModule {}

/** Fails, and says which one, when a version of Nest has moved what the resolver calls. */
describe('the inside of ExternalContextCreator', () => {
  let context: INestApplicationContext;
  let creator: Record<string, any>;
  beforeAll(async () => {
    context = await NestFactory.createApplicationContext(EmptyModule, { logger: false });
    creator = context.get(ExternalContextCreator, { strict: false });
  });
  afterAll(() => context.close());

  it.each([
    'guardsContextCreator',
    'interceptorsContextCreator',
    'pipesContextCreator',
    'filtersContextCreator',
  ])('has a %s with the methods we call', (name) => {
    for (const method of [
      'create',
      'createContext',
      'createConcreteContext',
      'getGlobalMetadata',
      'reflectClassMetadata',
    ]) {
      expect([method, typeof creator[name][method]]).toEqual([method, 'function']);
    }
  });

  it('has context utilities with the methods we call', () => {
    expect(typeof creator['contextUtils'].reflectCallbackMetadata).toBe('function');
    expect(typeof creator['contextUtils'].reflectCallbackParamtypes).toBe('function');
  });

  it('keeps metadata where we read it', () => {
    const resolver = new EnhancerResolver(creator as never, false);
    const instance = new Target();
    const site = {
      instance,
      callback: Target.prototype.run,
      methodName: 'run',
      moduleKey: '',
      inquirerId: '',
      contextId: undefined,
    };
    expect(resolver.guards(site)).toHaveLength(1);
    expect(resolver.methodGuards(site)).toHaveLength(1);
    expect(resolver.params(site, [])).toEqual([
      expect.objectContaining({ index: 0, type: 3, data: 'name', metatype: String, pipes: [] }),
    ]);
  });
});

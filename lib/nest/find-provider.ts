import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/** The provider that the application has for a class; undefined where it has none. @throws what the container says else, as of a request-scoped class */
export function findProvider<Instance>(metatype: Type<Instance>, moduleRef: ModuleRef): Instance | undefined {
  try {
    return moduleRef.get(metatype, { strict: false });
  } catch (error) {
    const { name, constructor } = error as Error;
    if (name === 'UnknownElementException' || constructor.name === 'UnknownElementException')
      return undefined;
    throw error;
  }
}

/** A decorator for classes and methods that leaves a value where the explorer finds it. */
export function annotate(key: string | symbol, value: unknown): ClassDecorator & MethodDecorator {
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    Reflect.defineMetadata(key, value, (descriptor?.value as object | undefined) ?? target);
  };
}

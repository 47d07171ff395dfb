/** The environment in which Jest can run ES modules; keeps the options the user has set. */
export function withVmModules() {
  return {
    NODE_OPTIONS:
      `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
  };
}

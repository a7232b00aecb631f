/** Sets variables of this process's environment, for functions that run in it, and gives the way to set them back. */
export const withEnvironment = (variables: Readonly<Record<string, string>>): (() => void) => {
  const before = Object.keys(variables).map((name): [string, string | undefined] => [name, process.env[name]]);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
};

const shown = (value: unknown): string => (value === undefined ? "nothing" : `"${value}"`);

export const optionFault = (name: string, wanted: string, value: unknown): string =>
  `Option "--${name}" must be ${wanted}: current value is ${shown(value)}`;

/** What keeps an option's value from being a whole number in a range. */
export const countFault = (name: string, value: unknown, least: number, most: number): string[] => {
  const number = Number(value);
  if (/^\d{1,9}$/.test(String(value)) && number >= least && number <= most) return [];
  return [optionFault(name, `a whole number from ${least} to ${most}`, value)];
};

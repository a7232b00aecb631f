/** A time as the services give it: ISO 8601 in UTC with milliseconds. */
const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/;

/** Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is their last. */
const daysOf = (year: number, month: number, day: number): number => {
  const years = month > 2 ? year : year - 1;
  const daysBefore = Math.floor((153 * ((month + 9) % 12) + 2) / 5);
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return 365 * years + leapDays + daysBefore + day - 1 - 719_468;
};

/** Milliseconds since 1970 of a time of the services. */
export const epochMs = (time: string): number => {
  const [year, month, day, hours, minutes, seconds, milliseconds] = (pattern.exec(time) ?? []).slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined || milliseconds === undefined) {
    throw new Error(`Cannot read the time "${time}": a time such as "2026-11-22T12:00:00.000Z" is wanted`);
  }
  const ofDay = ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return (daysOf(year, month, day) * 86_400 + ofDay) * 1000 + milliseconds;
};

/** Milliseconds from one time to another; 0 where two clocks differ so that it would be less. */
export const msBetween = (from: string, to: string): number => Math.max(0, epochMs(to) - epochMs(from));

/** Numbers for people: `10,432`, `4.2 MB`, `1m 05s`. Always the same, whatever the locale of the machine. */

/** @example count(10432) === '10,432' */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @example plural(1, 'page') === '1 page' */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const units = ['kB', 'MB', 'GB', 'TB'];

/** @example bytes(4210) === '4.2 kB' */
export function bytes(value: number): string {
  let size = value / 1000;
  if (size < 1) return plural(value, 'byte');
  let unit = 0;
  // 999.95 would be printed as 1000.0
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(1)} ${units[unit]}`;
}

/** A rate a second: whole from ten on, one decimal below. */
export function rate(value: number): string {
  return value >= 10 ? count(value) : value.toFixed(1);
}

/** @example duration(65) === '1m 05s' */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (value: number) => value.toString().padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

import type { MainThread } from './main-thread.js';
import { percentile } from './main-thread.js';

/** A figure of the page, and the bound that it keeps. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget: { readonly below: number } | { readonly atLeast: number };
}

export function isMet({ value, budget }: Figure): boolean {
  return 'below' in budget ? value < budget.below : value >= budget.atLeast;
}

/** Lines of a Markdown table. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, budget } = figure;
    const bound =
      'below' in budget ? `below ${budget.below} ${unit}` : `at least ${budget.atLeast} ${unit}`;
    return `| ${name} | ${value.toFixed(1)} ${unit} | ${bound} | ${isMet(figure) ? 'yes' : 'no'} |`;
  });
  return ['| figure | measured | budget | met |', '| --- | ---: | --- | --- |', ...rows].join('\n');
}

/** Tasks below a millisecond are left out, so that they do not hide the long ones. */
export function taskText({ processor, elapsed }: MainThread): string {
  const text = (values: readonly number[]): string => {
    const tasks = values.filter((value) => value >= 1);
    const long = tasks.filter((value) => value >= 50).length;
    const [p95, longest] = [percentile(tasks, 0.95), tasks.at(-1) ?? 0];
    return `95 % ${ms(p95)}, longest ${ms(longest)}, ${long} of ${tasks.length} at least 50 ms`;
  };
  return `tasks of at least 1 ms: processor time: ${text(processor)}; elapsed: ${text(elapsed)}`;
}

/** The length that 95 % of the tasks of at least a millisecond do not exceed, ms. */
export function longTasks(ascending: readonly number[]): number {
  return percentile(
    ascending.filter((value) => value >= 1),
    0.95,
  );
}

export function mibText(values: readonly number[]): string {
  return `${values.map((value) => value.toFixed(1)).join(', ')} MiB`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

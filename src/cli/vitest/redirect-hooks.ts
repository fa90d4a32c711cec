/** What allure-vitest imports of vitest is resolved as vitest itself would. */
import type { InitializeHook, ResolveHook } from 'node:module';

let vitest: string | undefined;

export const initialize: InitializeHook<string> = (ours) => {
  vitest = ours;
};

export const resolve: ResolveHook = (specifier, context, next) => {
  const isTheirs = context.parentURL?.includes('/allure-vitest/') === true;
  if (!isTheirs || vitest === undefined || !/^(@vitest\/|vitest$|vitest\/)/.test(specifier))
    return next(specifier, context);
  return next(specifier, { ...context, parentURL: vitest });
};

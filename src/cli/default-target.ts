/** What a command runs on where the user names no target. */
export const DEFAULT_TARGET = 'config/targets/builtin-euicc.yaml';

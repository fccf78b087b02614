/** The settings that use cases read, as they are by default. */
import { loadConfig } from '../../src/config/load.ts';
import type { DomainSettings } from '../../src/domain/services.ts';

export const defaultSettings: DomainSettings = loadConfig({
  argv: [],
  env: {},
  readFile: () => '',
}).config;

import type { Command } from 'commander';
import { addRotateApiKey } from './api-key.ts';
import { addGroup } from './command.ts';
import type { Terminal } from './terminal.ts';

export function addHost(program: Command, terminal: Terminal): void {
  addRotateApiKey(addGroup(program, 'host', 'Change the credentials of hosts.'), terminal, 'host');
}

import type { Command } from 'commander';
import { z } from 'zod';
import { plain, readAnswer, refusal } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

const answerForm = z.object({
  client_ip: z.string(),
  user_agent: z.string().nullish(),
  account: z.string(),
  username: z.string(),
  token_issued_at: z.string(),
});

export function addWhoami(program: Command, terminal: Terminal): void {
  addCommand(program, 'whoami', 'Show as whom and from where the server sees you.').action(
    (_options: unknown, command: Command) => whoami(terminal, command),
  );
}

async function whoami(terminal: Terminal, command: Command): Promise<void> {
  const action = 'ask who you are';
  await withSession(terminal, async (session) => {
    const answer = await session.sendAsUser({ method: 'GET', path: ['whoami'] });
    if (answer.status !== 200) throw refusal(action, answer);
    const facts = readAnswer(action, answer, answerForm);
    if (outputOf(command) === 'json') {
      printJson(terminal, facts);
      return;
    }
    printLine(terminal, `account: ${plain(facts.account)}`);
    printLine(terminal, `username: ${plain(facts.username)}`);
    printLine(terminal, `client ip: ${plain(facts.client_ip)}`);
    printLine(terminal, `token issued at: ${plain(facts.token_issued_at)}`);
  });
}

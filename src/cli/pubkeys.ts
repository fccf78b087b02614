import type { Command } from 'commander';
import { refusal } from './answers.ts';
import { addCommand, outputOf } from './command.ts';
import { withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson } from './terminal.ts';
import { idOfKind } from './typed-id.ts';

/** The server tells anybody: nobody needs to be logged in. */
export function addPubkeys(program: Command, terminal: Terminal): void {
  addCommand(program, 'pubkeys', 'Print the public keys of a user, a line each.')
    .argument('<user>', 'the user')
    .action((name: string, _: object, command: Command) =>
      withSession(terminal, async (session) => {
        const { account, kind, identifier } = idOfKind(session, 'user', name);
        const answer = await session.send({
          method: 'GET',
          path: ['public_keys', account, kind, identifier],
        });
        if (answer.status !== 200) throw refusal(`read the public keys of ${identifier}`, answer);
        const text = answer.body.toString('utf8');
        if (outputOf(command) === 'json') printJson(terminal, text.split('\n').filter(Boolean));
        else terminal.stdout.write(text);
      }),
    );
}

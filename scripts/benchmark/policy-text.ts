/**
 * Makes a policy text of a given number of statements, as a large organisation would have it:
 * teams of users, and applications of variables, hosts, a layer and groups with their grants and
 * permits. Always the same text for the same number. 100,000 statements are about 13 MB.
 */
export function policyText(statements: number): string {
  const parts: string[] = ['# Teams and applications.\n'];
  let left = statements;
  const teams = Math.max(1, Math.floor(statements / 500));
  for (let team = 0; team < teams && left >= teamStatements; team += 1) {
    parts.push(teamText(team));
    left -= teamStatements;
  }
  for (let application = 0; left >= applicationStatements; application += 1) {
    parts.push(applicationText(application, teams));
    left -= applicationStatements;
  }
  for (let filler = 0; filler < left; filler += 1) {
    parts.push(`- !group\n  id: everyone-${number(filler)}\n${annotations('  ', 'Everyone of a site')}`);
  }
  return parts.join('');
}

const usersOfTeam = 8;
/** A group, its users, and a grant. */
const teamStatements = usersOfTeam + 2;
const variablesOfApplication = 9;
const hostsOfApplication = 4;
/** A policy, its variables and hosts, a layer, two groups, three grants and two permits. */
const applicationStatements = variablesOfApplication + hostsOfApplication + 9;

const variableNames = [
  'database/url',
  'database/username',
  'database/password',
  'queue/password',
  'smtp/password',
  'tls/private-key',
  'tls/certificate',
  'api/client-id',
  'api/client-secret',
] as const;

function teamText(team: number): string {
  const name = `team-${number(team)}`;
  const users = Array.from({ length: usersOfTeam }, (_, user) => `${name}-user-${number(user)}`);
  return [
    `- !group\n  id: ${name}\n${annotations('  ', 'The people of a team')}`,
    ...users.map(
      (user) =>
        `- !user\n  id: ${user}\n${annotations('  ', 'A member of the team, to be asked about what it runs')}`,
    ),
    `- !grant\n  role: !group ${name}\n  members:\n`,
    ...users.map((user) => `    - !user ${user}\n`),
  ].join('');
}

function applicationText(application: number, teams: number): string {
  const team = `team-${number(application % teams)}`;
  const hosts = Array.from({ length: hostsOfApplication }, (_, host) => `host-${number(host)}`);
  const variables = variableNames.slice(0, variablesOfApplication);
  const anchor = `variables-${number(application)}`;
  return [
    `- !policy\n  id: application-${number(application)}\n  owner: !group ${team}\n`,
    `${annotations('  ', 'An application, what it needs and who runs it')}  body:\n`,
    `    - &${anchor}\n`,
    ...variables.map(
      (variable) =>
        `      - !variable\n        id: ${variable}\n` +
        annotations(
          '        ',
          `What the application knows as ${variable}; ask ${team}@example.org about it`,
        ),
    ),
    ...hosts.map(
      (host) =>
        `    - !host\n      id: ${host}\n` +
        annotations('      ', `A machine of the application, looked after by ${team}@example.org`),
    ),
    '    - !layer\n    - !group readers\n    - !group operators\n',
    '    - !grant\n      role: !layer\n      members:\n',
    ...hosts.map((host) => `        - !host ${host}\n`),
    '    - !grant\n      role: !group readers\n      members: [ !layer , !group operators ]\n',
    `    - !grant\n      role: !group operators\n      member: !group /${team}\n`,
    permit('readers', 'read, execute', anchor),
    permit('operators', 'update', anchor),
  ].join('');
}

function permit(group: string, privileges: string, anchor: string): string {
  return `    - !permit\n      role: !group ${group}\n      privileges: [ ${privileges} ]\n      resources: *${anchor}\n`;
}

function annotations(indent: string, description: string): string {
  return `${indent}annotations:\n${indent}  description: ${description}\n`;
}

function number(value: number): string {
  return String(value).padStart(5, '0');
}

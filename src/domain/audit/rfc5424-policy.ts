/** Records of policies: one line for each thing that a load changes. */
import type { PolicyEvent, PolicySubject } from './events.ts';
import { quoted, shown } from './one-line.ts';
import { parameterForms } from './parameters.ts';
import { head, reason, succeeded, tail, user } from './rfc5424-parts.ts';

const policyVerbs: Readonly<Record<PolicyEvent['operation'], string>> = {
  add: 'added',
  change: 'changed',
  remove: 'removed',
  create: 'created',
  update: 'updated',
  validate: 'validated',
  // Conjur's own word.
  read: 'readed',
};

/** The line of a change, of a load that failed, of a dry run or of a policy that was read. */
export function policyLine(event: PolicyEvent): string {
  const frame = frameOf(event);
  if (!succeeded(event)) {
    const data = event.subject === undefined ? '' : subjectOf(event.subject)[0];
    return `${frame.start}${data}${frame.middle}Failed to load policy${reason(event)}`;
  }
  const [data, text] =
    event.subject === undefined ? parameterForms(event.parameters ?? []) : subjectOf(event.subject);
  return `${frame.start}${data}${frame.middle}${frame.who}${text}`;
}

/** What the records of one load have in common. */
interface PolicyFrame {
  readonly of: PolicyEvent;
  readonly start: string;
  readonly middle: string;
  readonly who: string;
}

let latestFrame: PolicyFrame | undefined;

/** A load has a record for each thing that it changes, so the latest frame is kept. */
function frameOf(event: PolicyEvent): PolicyFrame {
  if (latestFrame !== undefined && sharesFrame(latestFrame.of, event)) return latestFrame;
  const { policyVersion } = event;
  const loaded =
    policyVersion === undefined
      ? ''
      : `[policy@43868 id="${quoted(event.policy ?? '')}" version="${policyVersion}"]`;
  latestFrame = {
    of: event,
    start: `${head(event)}${user(event.role)}[subject@43868`,
    middle: `]${tail(event, event.operation)}${loaded} `,
    who: `${shown(event.role)} ${policyVerbs[event.operation]} `,
  };
  return latestFrame;
}

function sharesFrame(one: PolicyEvent, other: PolicyEvent): boolean {
  return (
    one.requestId === other.requestId &&
    one.at === other.at &&
    one.operation === other.operation &&
    one.outcome === other.outcome &&
    one.role === other.role &&
    one.policy === other.policy &&
    one.policyVersion === other.policyVersion &&
    one.clientIp === other.clientIp
  );
}

/** The parameters and the words for what a policy change is about. */
function subjectOf(subject: PolicySubject): readonly [string, string] {
  if ('privilege' in subject) {
    const [resource, resourceShown] = bothForms(subject.resource);
    const [role, roleShown] = bothForms(subject.role);
    const [privilege, privilegeShown] = bothForms(subject.privilege);
    return [
      ` resource="${resource}" role="${role}" privilege="${privilege}"`,
      `permission of ${roleShown} to ${privilegeShown} on ${resourceShown}`,
    ];
  }
  if ('resource' in subject) {
    const [resource, resourceShown] = bothForms(subject.resource);
    if (subject.annotation === undefined) return [` resource="${resource}"`, `resource ${resourceShown}`];
    const [annotation, annotationShown] = bothForms(subject.annotation);
    return [
      ` annotation="${annotation}" resource="${resource}"`,
      `annotation ${annotationShown} on ${resourceShown}`,
    ];
  }
  const [role, roleShown] = bothForms(subject.role);
  if ('owner' in subject) {
    const [owner, ownerShown] = bothForms(subject.owner);
    return [` role="${role}" owner="${owner}"`, `ownership of ${ownerShown} in ${roleShown}`];
  }
  if (subject.member === undefined) return [` role="${role}"`, `role ${roleShown}`];
  const [member, memberShown] = bothForms(subject.member);
  return [` role="${role}" member="${member}"`, `membership of ${memberShown} in ${roleShown}`];
}

/** A text for between quotes, and for the message. What needs no escape there needs none here. */
function bothForms(text: string): readonly [string, string] {
  const inQuotes = quoted(text);
  return [inQuotes, inQuotes === text ? text : shown(text)];
}

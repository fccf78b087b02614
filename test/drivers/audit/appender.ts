/** A process that writes audit records: `appender.js PATH NAME TURNS`, 20 records in each turn. */
import { openAuditSink } from '../../../src/drivers/audit/file-sink.ts';
import { fetched } from '../../domain/audit/sample-events.ts';

const [path = '', name = '', turns = ''] = process.argv.slice(2);
const audit = await openAuditSink({ path, format: 'json' });
for (let turn = 0; turn < Number(turns); turn += 1) {
  const ids = Array.from({ length: 20 }, (_, index) => `${name}-${turn}-${index}`);
  await Promise.all(ids.map((requestId) => audit.record({ ...fetched, requestId })));
}
await audit.close();

import { describeStore } from './fixture/describe-store.ts';
import { openPostgresTestStore, openSqliteTestStore } from './fixture/open-test-stores.ts';

describeStore('sqlite', openSqliteTestStore);
describeStore('postgres', openPostgresTestStore);

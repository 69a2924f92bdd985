import { z } from 'zod';

// The page's policy allows no code made from text, so zod must not even try. Imported before any schema is made.
z.config({ jitless: true });

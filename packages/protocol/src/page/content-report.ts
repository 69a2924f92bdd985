import { z } from 'zod';

const Told = z.string().max(4096).optional();

/** What a browser reports of something that the page's content policy kept it from (CSP level 2, `report-uri`). */
export const ContentReport = z.strictObject({
  'csp-report': z.looseObject({
    'document-uri': Told,
    'effective-directive': Told,
    'violated-directive': Told,
    'blocked-uri': Told,
  }),
});
export type ContentReport = z.infer<typeof ContentReport>;

/**
 * The seeded defects of the IPA itself: what it makes of packages, results, notifications and data requests. Each is a
 * mistake that an implementer could make, consulted at one place; none knows a test. Name: clause that it breaks, and
 * what goes wrong.
 */
export const IPA_DEFECT_LIST = {} as const;

export type IpaDefectName = keyof typeof IPA_DEFECT_LIST;

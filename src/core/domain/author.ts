/** Who changed something in AWS, as CloudTrail says it. */
export type Author = {
  /** ARN of the user or role, or the name of the AWS service. */
  readonly principal: string;
  /** The API call: `ModifyListener`. */
  readonly event: string;
  /** When, as CloudTrail writes it: `2026-01-31T12:00:00.000Z`. */
  readonly at: string;
  readonly sourceAddress: string;
};

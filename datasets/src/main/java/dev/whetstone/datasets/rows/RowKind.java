package dev.whetstone.datasets.rows;

/** What rows are for. A dataset holds rows of one kind. */
public enum RowKind {
  CONVERSATION("conversations"),
  /** A chosen and a rejected answer to one prompt (DPO and the like). */
  PREFERENCE("pairs of a chosen and a rejected answer"),
  /** An answer that is said to be good or bad (KTO). */
  LABELLED("answers with a label");

  private final String plural;

  RowKind(String plural) {
    this.plural = plural;
  }

  /** Such rows, for people. */
  public String plural() {
    return plural;
  }
}

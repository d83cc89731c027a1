package dev.whetstone.models.engine.schema;

import dev.whetstone.models.engine.schema.Terms.Term;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Holds texts of one vocabulary to one schema. What it finds out about a state serves all its
 * texts. Not thread-safe.
 */
public final class SchemaGuide {
  /** Masks that are remembered: 150,000 tokens take 19 kB each. */
  private static final int MAX_MASKS = 1024;

  /** States after which another guide should be made: some have a table of a kilobyte. */
  private static final int MAX_TERMS = 100_000;

  private final Vocabulary vocabulary;
  private final Terms terms;
  private final Term start;
  private final Map<Term, BitSet> masks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Term, BitSet> eldest) {
          return size() > MAX_MASKS;
        }
      };

  /**
   * @throws dev.whetstone.artifacts.BadInputException if the vocabulary lacks a byte that documents
   *     may need
   */
  public SchemaGuide(JsonSchema schema, Vocabulary vocabulary) {
    vocabulary.check(schema);
    JsonSchema.Documents documents = schema.documents();
    this.vocabulary = vocabulary;
    this.terms = documents.terms();
    this.start = documents.start();
  }

  /** Whether so much was found out that a new guide takes less memory. */
  public boolean isFull() {
    return terms.size() > MAX_TERMS;
  }

  /** A new text, still empty. */
  public Text begin() {
    return new Text();
  }

  /** A text under way. */
  public final class Text {
    private Term state = start;

    private Text() {}

    /** Ids that may come next, those that end the text among them; not to be changed. */
    public BitSet allowed() {
      return masks.computeIfAbsent(state, s -> vocabulary.allowed(s, terms));
    }

    /** Takes a token that is allowed and ends nothing. */
    public void add(int token) {
      state = vocabulary.after(state, token);
      assert state != terms.nothing : "a token that is not allowed";
    }

    /** Whether the text is a document of the schema, to which more may or may not be added. */
    public boolean isDocument() {
      return state.isNullable();
    }

    /** Whether it is a document to which nothing can be added. */
    public boolean isOver() {
      return state == terms.empty;
    }
  }
}

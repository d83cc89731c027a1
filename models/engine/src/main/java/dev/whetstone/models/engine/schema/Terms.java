package dev.whetstone.models.engine.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Languages of byte strings, as terms. What may follow a byte is again a term, the derivative by
 * that byte (Brzozowski: Derivatives of regular expressions, J. ACM 11(4), 1964). Equal terms are
 * one object and remember their derivatives, so that the automaton grows as it is walked. A {@link
 * #later} term makes it a pushdown automaton: the stack is the chain of what comes after.
 *
 * <p>No term but {@link #nothing} is an empty language: from every state some text leads to an end.
 * Not thread-safe.
 */
final class Terms {
  private static final int BYTES = 256;

  private final Map<Object, Term> known = new HashMap<>();

  /** The language without any text. */
  final Term nothing = new Nothing();

  /** The language of the empty text alone. */
  final Term empty = new Empty();

  /** A language; equal ones of the same {@link Terms} are the same object. */
  abstract static class Term {
    private final int number; // in the order of their making
    private final boolean nullable;

    Term(int number, boolean nullable) {
      this.number = number;
      this.nullable = nullable;
    }

    /** Whether the empty text belongs to it: what was read so far is complete. */
    final boolean isNullable() {
      return nullable;
    }

    /** What may follow the byte {@code b}, 0 to 255. */
    abstract Term after(int b);
  }

  private static final class Nothing extends Term {
    Nothing() {
      super(0, false);
    }

    @Override
    Term after(int b) {
      return this;
    }
  }

  private final class Empty extends Term {
    Empty() {
      super(1, true);
    }

    @Override
    Term after(int b) {
      return nothing;
    }
  }

  /** One byte of a set. */
  private final class OneOf extends Term {
    private final BitSet bytes;

    OneOf(BitSet bytes) {
      super(next(), false);
      this.bytes = bytes;
    }

    @Override
    Term after(int b) {
      return bytes.get(b) ? empty : nothing;
    }
  }

  /** A term that remembers its derivatives. */
  private abstract static class Remembering extends Term {
    private final Term[] derivatives = new Term[BYTES];

    Remembering(int number, boolean nullable) {
      super(number, nullable);
    }

    @Override
    final Term after(int b) {
      if (derivatives[b] == null) {
        derivatives[b] = derive(b);
      }
      return derivatives[b];
    }

    abstract Term derive(int b);
  }

  /** A byte of a set, then a term: too many of them to remember what is easily seen. */
  private final class Then extends Term {
    private final OneOf head;
    private final Term tail;

    Then(OneOf head, Term tail) {
      super(next(), false);
      this.head = head;
      this.tail = tail;
    }

    @Override
    Term after(int b) {
      return head.bytes.get(b) ? tail : nothing;
    }
  }

  /** A term, then another; the first is none of these itself. */
  private final class Sequence extends Remembering {
    private final Term head;
    private final Term tail;

    Sequence(Term head, Term tail) {
      super(next(), head.isNullable() && tail.isNullable());
      this.head = head;
      this.tail = tail;
    }

    @Override
    Term derive(int b) {
      Term through = sequence(head.after(b), tail);
      return head.isNullable() ? any(List.of(through, tail.after(b))) : through;
    }
  }

  private final class Any extends Remembering {
    private final List<Term> terms;

    Any(List<Term> terms) {
      super(next(), terms.stream().anyMatch(Term::isNullable));
      this.terms = terms;
    }

    @Override
    Term derive(int b) {
      return any(terms.stream().map(term -> term.after(b)).toList());
    }
  }

  private final class Repeated extends Remembering {
    private final Term body;
    private final int least;
    private final int most;

    Repeated(Term body, int least, int most) {
      super(next(), least == 0);
      this.body = body;
      this.least = least;
      this.most = most;
    }

    @Override
    Term derive(int b) {
      int left = most == UNLIMITED ? UNLIMITED : most - 1;
      return sequence(body.after(b), repeated(body, Math.max(0, least - 1), left));
    }
  }

  private final class Later extends Remembering {
    private final Supplier<Term> meaning;

    Later(Supplier<Term> meaning) {
      super(next(), false);
      this.meaning = meaning;
    }

    @Override
    Term derive(int b) {
      return meaning.get().after(b);
    }
  }

  /** For {@link #repeated}: no upper bound. */
  static final int UNLIMITED = -1;

  private int next() {
    return known.size() + 2; // after the two that are always there
  }

  private Term intern(Object key, Supplier<Term> maker) {
    Term term = known.get(key);
    if (term == null) {
      term = maker.get();
      known.put(key, term);
    }
    return term;
  }

  /** How many were made so far. */
  int size() {
    return known.size();
  }

  /** One byte of [{@code from}, {@code to}]. */
  Term range(int from, int to) {
    var bytes = new BitSet();
    bytes.set(from, to + 1);
    return oneOf(bytes);
  }

  /** One of these ASCII characters. */
  Term oneOf(String characters) {
    var bytes = new BitSet();
    characters.chars().forEach(bytes::set);
    return oneOf(bytes);
  }

  /** One byte of a set, which is not empty and does not change any more. */
  Term oneOf(BitSet bytes) {
    return intern(bytes, () -> new OneOf(bytes));
  }

  /** Exactly this text, in UTF-8. */
  Term text(String text) {
    Term term = empty;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = bytes.length - 1; i >= 0; i--) {
      term = sequence(range(bytes[i] & 0xFF, bytes[i] & 0xFF), term);
    }
    return term;
  }

  /** One after the other. */
  Term sequence(Term... terms) {
    Term whole = empty;
    for (int i = terms.length - 1; i >= 0; i--) {
      whole = sequence(terms[i], whole);
    }
    return whole;
  }

  private Term sequence(Term head, Term tail) {
    if (head == nothing || tail == nothing) {
      return nothing;
    }
    if (head == empty) {
      return tail;
    }
    if (tail == empty) {
      return head;
    }
    if (head instanceof Then then) {
      return sequence(then.head, sequence(then.tail, tail));
    }
    if (head instanceof Sequence pair) {
      return sequence(pair.head, sequence(pair.tail, tail));
    }
    return intern(
        List.of("sequence", head, tail),
        () -> head instanceof OneOf one ? new Then(one, tail) : new Sequence(head, tail));
  }

  /** Any of these. */
  Term any(Collection<Term> terms) {
    var distinct = new TreeMap<Integer, Term>(); // one order, whatever the given one
    for (Term term : terms) {
      for (Term part : term instanceof Any several ? several.terms : List.of(term)) {
        distinct.put(part.number, part);
      }
    }
    distinct.remove(nothing.number);
    if (distinct.isEmpty()) {
      return nothing;
    }
    List<Term> parts = List.copyOf(distinct.values());
    return parts.size() == 1 ? parts.get(0) : intern(new ArrayList<>(parts), () -> new Any(parts));
  }

  Term any(Term... terms) {
    return any(new LinkedHashSet<>(List.of(terms)));
  }

  Term optional(Term term) {
    return any(empty, term);
  }

  /**
   * A term several times.
   *
   * @param body does not contain the empty text
   * @param most or {@link #UNLIMITED}
   */
  Term repeated(Term body, int least, int most) {
    if (most == 0) {
      return empty;
    }
    if (body == nothing) {
      return least == 0 ? empty : nothing;
    }
    return intern(List.of("repeated", body, least, most), () -> new Repeated(body, least, most));
  }

  /**
   * A term that is only made when it is reached.
   *
   * @param key equal for equal terms
   * @param meaning is neither {@link #nothing} nor contains the empty text
   */
  Term later(Object key, Supplier<Term> meaning) {
    return intern(List.of("later", key), () -> new Later(meaning));
  }
}

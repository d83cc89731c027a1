package dev.whetstone.datasets.tokens;

import static dev.whetstone.datasets.rows.DropReason.NO_TARGET;
import static dev.whetstone.datasets.rows.DropReason.TOO_LONG;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.datasets.rows.RowKind;
import dev.whetstone.models.text.LossMask;
import dev.whetstone.models.text.LossMask.Labelled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Tokenises rows and makes them fit {@code max_length}. Safe for threads. */
public final class RowFitter {
  /** What a template says when it refuses a row can be long. */
  private static final int MESSAGE_CHARACTERS = 300;

  private final RowTokenizer tokenizer;
  private final int minLength;
  private final int maxLength;
  private final TooLong tooLong;

  public RowFitter(RowTokenizer tokenizer, int minLength, int maxLength, TooLong tooLong) {
    this.tokenizer = tokenizer;
    this.minLength = minLength;
    this.maxLength = maxLength;
    this.tooLong = tooLong;
  }

  /** The row, or its pieces in order; those that are dropped too, at least one. */
  public List<Fitted> of(Conversation row) {
    List<Labelled> sides;
    try {
      sides = sides(row);
    } catch (RuntimeException e) {
      String message = String.valueOf(e.getMessage());
      String said = message.substring(0, Math.min(message.length(), MESSAGE_CHARACTERS));
      return List.of(Fitted.dropped(row, NO_TARGET, "the chat template refuses it: " + said));
    }
    if (longest(sides) <= maxLength || tooLong == TooLong.DROP) {
      return List.of(checked(row, sides));
    }
    if (tooLong == TooLong.SPLIT) {
      return row.kind() == RowKind.CONVERSATION ? pieces(row) : List.of(checked(row, sides));
    }
    return List.of(truncated(row, sides));
  }

  private List<Labelled> sides(Conversation row) {
    return row.rejected().isEmpty()
        ? List.of(tokenizer.of(row))
        : List.of(tokenizer.of(row), tokenizer.ofRejected(row));
  }

  /** Kept if each side has a length that is allowed and something to learn. */
  private Fitted checked(Conversation row, List<Labelled> sides) {
    for (int i = 0; i < sides.size(); i++) {
      Labelled side = sides.get(i);
      int length = side.tokens().length;
      String which = i == 0 ? "" : "with the rejected answer, ";
      if (length > maxLength) {
        return Fitted.dropped(
            row, TOO_LONG, "%s%d tokens, max_length is %d".formatted(which, length, maxLength));
      }
      if (length < minLength) {
        return Fitted.dropped(
            row, TOO_LONG, "%s%d tokens, min_length is %d".formatted(which, length, minLength));
      }
      if (targets(side) == 0) {
        return Fitted.dropped(
            row, NO_TARGET, "%s%d tokens, none is a target".formatted(which, length));
      }
    }
    return Fitted.kept(row, sides);
  }

  private Fitted truncated(Conversation row, List<Labelled> sides) {
    // Both sides of a pair lose as much at the start: else their prompts would differ.
    int head = longest(sides) - maxLength;
    List<Labelled> rest = new ArrayList<>();
    int cut = 0;
    for (Labelled side : sides) {
      int length = side.tokens().length;
      Labelled left =
          tooLong == TooLong.TRUNCATE_END
              ? part(side, 0, Math.min(length, maxLength))
              : part(side, Math.min(head, length), length);
      cut += length - left.tokens().length;
      rest.add(left);
      if (targets(left) == 0) {
        String detail =
            "%d tokens, cut to %d, of which none is a target"
                .formatted(length, left.tokens().length);
        return Fitted.dropped(row, NO_TARGET, detail);
      }
    }
    return new Fitted(row, 0, rest, cut, Optional.empty());
  }

  private static Labelled part(Labelled side, int from, int to) {
    int[] labels = Arrays.copyOfRange(side.labels(), from, to);
    float[] weights = Arrays.copyOfRange(side.weights(), from, to);
    if (from > 0 && labels.length > 0) {
      labels[0] = LossMask.IGNORED; // nothing stands before it that would foretell it
      weights[0] = 0;
    }
    return new Labelled(Arrays.copyOfRange(side.tokens(), from, to), labels, weights);
  }

  /** As many exchanges as fit make a piece; one that does not fit alone is dropped. */
  private List<Fitted> pieces(Conversation row) {
    List<Message> turns = row.messages();
    int head = 0;
    while (head < turns.size() && turns.get(head).role().equals(Message.SYSTEM)) {
      head++;
    }
    List<Message> system = turns.subList(0, head);
    List<Integer> borders = borders(turns, head);
    List<Fitted> pieces = new ArrayList<>();
    int to;
    for (int from = 0; from < borders.size() - 1; from = to) {
      to = from + 1;
      Conversation piece = piece(row, system, borders.get(from), borders.get(to));
      Optional<List<Labelled>> sides = unlessRefused(piece);
      while (sides.isPresent() && to + 1 < borders.size()) {
        Conversation longer = piece(row, system, borders.get(from), borders.get(to + 1));
        Optional<List<Labelled>> more = unlessRefused(longer);
        if (more.isEmpty() || longest(more.get()) > maxLength) {
          break;
        }
        piece = longer;
        sides = more;
        to++;
      }
      int number = pieces.size() + 1;
      String which =
          "piece %d, turns %d to %d: ".formatted(number, borders.get(from) + 1, borders.get(to));
      pieces.add(numbered(piece.withId(row.id() + "#" + number), sides, number, which));
    }
    return pieces;
  }

  private static Conversation piece(Conversation row, List<Message> system, int from, int to) {
    List<Message> turns = new ArrayList<>(system);
    turns.addAll(row.messages().subList(from, to));
    return row.withMessages(turns);
  }

  private Optional<List<Labelled>> unlessRefused(Conversation piece) {
    try {
      return Optional.of(sides(piece));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  private Fitted numbered(
      Conversation piece, Optional<List<Labelled>> sides, int number, String which) {
    Fitted fitted =
        sides
            .map(known -> checked(piece, known))
            .orElseGet(
                () -> Fitted.dropped(piece, NO_TARGET, "the chat template refuses it alone"));
    return new Fitted(
        piece,
        number,
        fitted.sides(),
        fitted.drop().isEmpty() ? 0 : sides.map(RowFitter::longest).orElse(0),
        fitted.drop().map(drop -> new Fitted.Drop(drop.reason(), which + drop.detail())));
  }

  /** Where pieces may begin, and the end: before each turn of the user but the first. */
  private static List<Integer> borders(List<Message> turns, int head) {
    List<Integer> borders = new ArrayList<>(List.of(head));
    boolean asked = false;
    for (int i = head; i < turns.size(); i++) {
      boolean user = turns.get(i).role().equals(Message.USER);
      if (user && asked) {
        borders.add(i);
      }
      asked |= user;
    }
    borders.add(turns.size());
    return borders;
  }

  private static int longest(List<Labelled> sides) {
    return sides.stream().mapToInt(side -> side.tokens().length).max().orElse(0);
  }

  /** Targets that the loss is computed on. */
  public static int targets(Labelled side) {
    return (int) Arrays.stream(side.labels()).filter(l -> l != LossMask.IGNORED).count();
  }
}

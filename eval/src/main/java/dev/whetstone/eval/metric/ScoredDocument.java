package dev.whetstone.eval.metric;

import dev.whetstone.eval.python.PythonText;
import java.util.List;
import java.util.Optional;

/**
 * A document with the model's answer, as metrics see it.
 *
 * @param gold the right answer: text, the number of a choice, or a list of such
 * @param choices empty where text is generated
 * @param logLikelihoods of the continuations, in nats, one per request
 * @param greedy whether each continuation is the model's own
 * @param text the filtered answer, where text is generated
 */
public record ScoredDocument(
    Object gold,
    List<String> choices,
    List<Double> logLikelihoods,
    List<Boolean> greedy,
    Optional<String> text) {
  public ScoredDocument {
    choices = List.copyOf(choices);
    logLikelihoods = List.copyOf(logLikelihoods);
    greedy = List.copyOf(greedy);
  }

  /** A gold answer outside the choices: it can never be right. */
  static final int NO_CHOICE = -100;

  /** Numbers of the right choices; {@link #NO_CHOICE} for one that does not exist. */
  List<Integer> goldChoices() {
    return gold instanceof List<?> several
        ? several.stream().map(this::choice).toList()
        : List.of(choice(gold));
  }

  private int choice(Object one) {
    if (one instanceof Number number) {
      long place = number.longValue();
      return place < choices.size() ? Math.toIntExact(place) : NO_CHOICE;
    }
    if (one instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    int place = choices.indexOf(PythonText.str(one));
    return place < 0 ? NO_CHOICE : place;
  }

  /** The right texts, at least one. */
  List<String> goldTexts() {
    if (gold instanceof List<?> several) {
      return several.stream().map(PythonText::str).toList();
    }
    if (!choices.isEmpty() && gold instanceof Number place) {
      return List.of(choices.get(place.intValue()));
    }
    return List.of(PythonText.str(gold));
  }
}

package dev.whetstone.leaderboard.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Multiple choice in a samples row: one request and one pair (log-likelihood, greedy) a choice. */
final class Choices {
  private Choices() {}

  static boolean isChoice(JsonNode row) {
    JsonNode responses = row.path("filtered_resps");
    return responses.size() > 1
        && responses.get(0).isArray()
        && responses.get(0).size() == 2
        && row.at("/arguments/gen_args_1/arg_1").isTextual();
  }

  /** The likeliest choice's text: what {@code acc} counts. */
  static String chosen(JsonNode row) {
    JsonNode responses = row.path("filtered_resps");
    int best = 0;
    double bestNats = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < responses.size(); i++) {
      double nats = responses.get(i).path(0).asDouble(Double.NEGATIVE_INFINITY);
      if (nats > bestNats) { // the first of equals, as NumPy's argmax
        best = i;
        bestNats = nats;
      }
    }
    List<String> texts = texts(row);
    return best < texts.size() ? texts.get(best) : Integer.toString(best);
  }

  /** The text of the choice that {@code target} is the index of, or the target itself. */
  static String target(JsonNode row, String target) {
    List<String> texts = texts(row);
    if (target.matches("\\d{1,4}") && Integer.parseInt(target) < texts.size()) {
      return texts.get(Integer.parseInt(target));
    }
    return target;
  }

  private static List<String> texts(JsonNode row) {
    JsonNode arguments = row.path("arguments");
    var texts = new ArrayList<String>();
    for (int i = 0; arguments.has("gen_args_" + i); i++) {
      texts.add(arguments.path("gen_args_" + i).path("arg_1").asText().strip());
    }
    return texts;
  }
}

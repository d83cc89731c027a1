package dev.whetstone.datasets.tokens;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.ChatTemplate.RenderedChat;
import dev.whetstone.models.text.LossMask;
import dev.whetstone.models.text.LossMask.Labelled;
import dev.whetstone.models.text.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders a row with a model's chat template and makes token ids and labels of it. Safe for
 * threads. Does not close the tokenizer.
 */
public final class RowTokenizer {
  private static final TypeReference<List<Map<String, Object>>> OBJECTS = new TypeReference<>() {};

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final ChatTemplate template;
  private final Tokenizer tokenizer;
  private final LossOn lossOn;

  public RowTokenizer(ChatTemplate template, Tokenizer tokenizer, LossOn lossOn) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.lossOn = lossOn;
  }

  /**
   * Token ids [T] and labels [T] of a row; of a pair, of its chosen side.
   *
   * @throws RuntimeException if the template refuses the conversation; its message says why
   */
  public Labelled of(Conversation row) {
    return of(row.messages(), row);
  }

  /**
   * The same of the rejected side of a pair.
   *
   * @throws RuntimeException if the template refuses the conversation; its message says why
   */
  public Labelled ofRejected(Conversation row) {
    return of(row.rejectedMessages(), row);
  }

  private Labelled of(List<Message> turns, Conversation row) {
    RenderedChat chat =
        template.renderForTraining(
            turns.stream().map(RowTokenizer::asMap).toList(), objects(row.tools()));
    double[] weights = ofSpans(chat, Targets.of(turns, row.promptTurns(), lossOn));
    return lossOn == LossOn.ALL && row.promptTurns() == 0
        ? LossMask.all(chat, weights, tokenizer)
        : LossMask.assistant(chat, weights, tokenizer);
  }

  /** The weights of answers as those of the spans that the template marks. */
  private static double[] ofSpans(RenderedChat chat, double[] weights) {
    int spans = chat.assistant().size();
    if (spans == weights.length) {
      return weights;
    }
    double[] kinds = Arrays.stream(weights).distinct().toArray();
    if (kinds.length > 1) {
      throw new IllegalArgumentException(
          "the template marks %d answers, the conversation has %d: which of them are to be learned cannot be told"
              .formatted(spans, weights.length));
    }
    double[] same = new double[spans];
    Arrays.fill(same, kinds.length == 0 ? 0 : kinds[0]);
    return same;
  }

  private static Map<String, Object> asMap(Message message) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("role", message.role());
    map.put("content", message.content());
    if (!message.toolCalls().isEmpty()) {
      map.put("tool_calls", objects(message.toolCalls()));
    }
    if (!message.extra().isEmpty()) {
      parsed(message.extra(), OBJECT).forEach(map::putIfAbsent);
    }
    return map;
  }

  private static List<Map<String, Object>> objects(String json) {
    return json.isEmpty() ? List.of() : parsed(json, OBJECTS);
  }

  private static <T> T parsed(String json, TypeReference<T> type) {
    try {
      return Json.mapper().readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "tools and tool calls must be arrays of objects, further keys an object: "
              + Json.sentence(e),
          e);
    }
  }
}

package dev.whetstone.datasets.tokens;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.ChatTemplate.RenderedChat;
import dev.whetstone.models.text.ChatTemplate.Span;
import dev.whetstone.models.text.LossMask;
import dev.whetstone.models.text.LossMask.Labelled;
import dev.whetstone.models.text.Tokenizer;
import java.util.ArrayList;
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
    boolean[] targets = Targets.of(turns, row.promptTurns(), lossOn);
    if (lossOn == LossOn.ALL && row.promptTurns() == 0) {
      return allBut(answers(chat, targets, false), tokenizer);
    }
    return LossMask.assistant(answers(chat, targets, true), tokenizer);
  }

  /** The chat with only those answers that are targets, or only those that are none. */
  private static RenderedChat answers(RenderedChat chat, boolean[] targets, boolean wanted) {
    List<Span> spans = new ArrayList<>();
    int answers = chat.assistant().size();
    boolean uniform = true;
    for (boolean target : targets) {
      uniform &= target == targets[0];
    }
    if (answers != targets.length && !uniform) {
      throw new IllegalArgumentException(
          "the template marks %d answers, the conversation has %d: which of them are to be learned cannot be told"
              .formatted(answers, targets.length));
    }
    for (int i = 0; i < answers; i++) {
      if (targets[uniform ? 0 : i] == wanted) {
        spans.add(chat.assistant().get(i));
      }
    }
    return new RenderedChat(chat.text(), spans);
  }

  private static Labelled allBut(RenderedChat notLearned, Tokenizer tokenizer) {
    Labelled all = LossMask.all(notLearned.text(), tokenizer);
    int[] masked = LossMask.assistant(notLearned, tokenizer).labels();
    for (int t = 0; t < masked.length; t++) {
      if (masked[t] != LossMask.IGNORED) {
        all.labels()[t] = LossMask.IGNORED;
      }
    }
    return all;
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

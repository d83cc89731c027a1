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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders a row with a model's chat template and makes token ids and labels of it. Safe for
 * threads. Does not close the tokenizer.
 */
public final class RowTokenizer {
  private static final TypeReference<List<Map<String, Object>>> OBJECTS = new TypeReference<>() {};

  private final ChatTemplate template;
  private final Tokenizer tokenizer;
  private final LossOn lossOn;

  public RowTokenizer(ChatTemplate template, Tokenizer tokenizer, LossOn lossOn) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.lossOn = lossOn;
  }

  /**
   * Token ids [T] and labels [T] of a row.
   *
   * @throws RuntimeException if the template refuses the conversation; its message says why
   */
  public Labelled of(Conversation row) {
    RenderedChat chat =
        template.renderForTraining(
            row.messages().stream().map(RowTokenizer::asMap).toList(), objects(row.tools()));
    return switch (lossOn) {
      case ASSISTANT -> LossMask.assistant(chat, tokenizer);
      case COMPLETION -> LossMask.assistant(lastAnswer(chat), tokenizer);
      case ALL -> LossMask.all(chat.text(), tokenizer);
    };
  }

  private static RenderedChat lastAnswer(RenderedChat chat) {
    int answers = chat.assistant().size();
    return new RenderedChat(
        chat.text(), chat.assistant().subList(Math.max(0, answers - 1), answers));
  }

  private static Map<String, Object> asMap(Message message) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("role", message.role());
    map.put("content", message.content());
    if (!message.toolCalls().isEmpty()) {
      map.put("tool_calls", objects(message.toolCalls()));
    }
    return map;
  }

  private static List<Map<String, Object>> objects(String json) {
    try {
      return json.isEmpty() ? List.of() : Json.mapper().readValue(json, OBJECTS);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "tools and tool calls must be arrays of objects: " + Json.sentence(e), e);
    }
  }
}

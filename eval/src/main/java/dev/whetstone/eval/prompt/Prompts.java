package dev.whetstone.eval.prompt;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.eval.task.Benchmark;
import dev.whetstone.eval.task.OutputType;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.jinja.JinjaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds the prompts of a benchmark: description, shots, question, then the continuations to score.
 * As {@code lm_eval/api/task.py} 0.4.13, {@code fewshot_context}, {@code build_qa_turn} and {@code
 * construct_requests}.
 */
public final class Prompts {
  private static final String END_OF_PREFILL = "END_OF_PREFILL";

  private final Benchmark benchmark;
  private final TaskConfig task;
  private final PromptStyle style;
  private final DocumentTexts texts;
  private final Shots shots;
  private final int numFewshot;

  public Prompts(Benchmark benchmark, PromptStyle style) {
    this.benchmark = benchmark;
    this.task = benchmark.task();
    this.style = style;
    this.texts = new DocumentTexts(benchmark);
    this.shots = new Shots(benchmark, style.seed());
    this.numFewshot = numFewshot(task, style);
  }

  /** A task that asks for no shot never gets any (lm_eval/evaluator.py, simple_evaluate). */
  public static int numFewshot(TaskConfig task, PromptStyle style) {
    int own = task.numFewshot().orElse(-1);
    return own == 0 ? 0 : style.numFewshot().orElse(Math.max(own, 0));
  }

  /** The first {@code limit} documents with their requests, in order. */
  public List<RenderedDocument> documents(int limit) {
    var rendered = new ArrayList<RenderedDocument>();
    int n = Math.min(limit, benchmark.documents().size());
    for (int docId = 0; docId < n; docId++) {
      Map<String, Object> document = benchmark.documents().get(docId);
      try {
        rendered.add(document(docId, document));
      } catch (NotTextException e) {
        throw new BadInputException(
            "%s, document %d: %s.".formatted(task.file(), docId, e.getMessage()), e);
      }
    }
    return rendered;
  }

  private RenderedDocument document(int docId, Map<String, Object> document) {
    Object question = texts.question(document);
    Object target = texts.target(document);
    List<String> choices = texts.choices(document);
    boolean choicesAreContexts = !choices.isEmpty() && !(question instanceof String);
    String prefix = genPrefix(document, task.text("gen_prefix"));
    List<Message> before = before(document, choicesAreContexts);
    var contexts = new ArrayList<String>();
    if (choicesAreContexts) {
      for (String choice : choices) {
        contexts.add(assemble(before, turn(choice, List.of(), null, prefix, "", ""), prefix));
      }
    } else {
      List<Message> last = turn(question, choices, null, prefix, task.targetDelimiter(), "");
      contexts.add(assemble(before, last, prefix));
    }
    List<String> continuations = continuations(target, choices, choicesAreContexts);
    while (contexts.size() < continuations.size()) {
      contexts.add(contexts.get(0));
    }
    return new RenderedDocument(
        docId, document, question, target, choices, contexts, continuations);
  }

  private List<String> continuations(
      Object target, List<String> choices, boolean choicesAreContexts) {
    if (task.outputType() == OutputType.GENERATE_UNTIL) {
      return List.of();
    }
    if (task.outputType() == OutputType.LOGLIKELIHOOD) {
      return List.of(PythonText.str(target));
    }
    String delimiter = task.targetDelimiter();
    if (style.chatTemplate().isPresent()) {
      String prefix = task.text("gen_prefix").orElse("");
      delimiter = prefix.isEmpty() || PythonText.endsWithSpace(prefix) ? "" : delimiter;
    }
    var continuations = new ArrayList<String>();
    for (String choice : choices) {
      continuations.add(delimiter + (choicesAreContexts ? PythonText.str(target) : choice));
    }
    return continuations;
  }

  private String genPrefix(Map<String, Object> document, Optional<String> rule) {
    return rule.map(field -> texts.field("gen_prefix", field, document)).orElse("");
  }

  private List<Message> before(Map<String, Object> document, boolean choicesAreContexts) {
    var messages = new ArrayList<Message>();
    String description = texts.field("description", task.text("description").orElse(""), document);
    String system = joined(style.systemInstruction(), description, task.fewshotDelimiter());
    if (!system.isEmpty()) {
      messages.add(Message.system(system));
    }
    TaskConfig.Fewshot fewshot = task.fewshot();
    for (Map<String, Object> shot : shots.draw(numFewshot, document)) {
      Object question = texts.question(shot, fewshot.docToText());
      List<String> choices =
          fewshot.docToChoice().map(rule -> texts.choices(shot, rule)).orElse(List.of());
      Object answer = texts.target(shot, fewshot.docToTarget());
      if (choicesAreContexts) {
        question = choices.get(index(question));
        choices = List.of();
      }
      messages.addAll(
          turn(
              question,
              choices,
              answer,
              genPrefix(shot, fewshot.genPrefix()),
              fewshot.targetDelimiter(),
              fewshot.fewshotDelimiter()));
    }
    return messages;
  }

  /**
   * A question and, where {@code answer} is neither null nor empty, its answer.
   *
   * @param prefix what the answer begins with, empty for nothing
   */
  private static List<Message> turn(
      Object question,
      List<String> choices,
      Object answer,
      String prefix,
      String targetDelimiter,
      String fewshotDelimiter) {
    if (!(question instanceof String text)) {
      throw new NotTextException("doc_to_text: expected text, found " + question);
    }
    boolean answered = answer != null && !answer.equals("");
    boolean delimited = prefix.isEmpty() ? answered : needsDelimiter(text, prefix);
    var messages = new ArrayList<Message>();
    messages.add(new Message("user", text, delimited ? targetDelimiter : ""));
    if (answered) {
      String full = joined(prefix, answerText(answer, choices), " ");
      messages.add(new Message("assistant", full, fewshotDelimiter));
    } else if (!prefix.isEmpty()) {
      messages.add(new Message("assistant", prefix, ""));
    }
    return messages;
  }

  private static String answerText(Object answer, List<String> choices) {
    Object text = answer;
    if (!choices.isEmpty() && isIndex(answer)) {
      int place = index(answer);
      if (place >= choices.size() || place < -choices.size()) {
        throw new NotTextException(
            "doc_to_target: choice %d of %d does not exist".formatted(place, choices.size()));
      }
      text = choices.get(Math.floorMod(place, choices.size()));
    } else if (answer instanceof List<?> several && !several.isEmpty()) {
      text = several.get(0);
    }
    if (text instanceof String found) {
      return found;
    }
    throw new NotTextException("doc_to_target: expected text, found " + text);
  }

  private static boolean isIndex(Object value) {
    return value instanceof Long || value instanceof Integer || value instanceof Boolean;
  }

  private static int index(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0; // a Python bool is an int
    }
    return Math.toIntExact(((Number) value).longValue());
  }

  private static boolean needsDelimiter(String before, String after) {
    return !before.isEmpty()
        && !PythonText.endsWithSpace(before)
        && !PythonText.startsWithSpace(after);
  }

  private static String joined(String before, String after, String delimiter) {
    if (before.isEmpty() || after.isEmpty()) {
      return before + after;
    }
    return needsDelimiter(before, after) ? before + delimiter + after : before + after;
  }

  private String assemble(List<Message> before, List<Message> last, String prefix) {
    var messages = new ArrayList<>(before);
    messages.addAll(last);
    if (style.chatTemplate().isEmpty()) {
      return text(messages);
    }
    List<Message> turns = style.fewshotAsMultiturn() ? messages : singleTurn(messages);
    return chat(style.chatTemplate().get(), turns, prefix.isEmpty());
  }

  private static String text(List<Message> messages) {
    var text = new StringBuilder();
    messages.forEach(message -> text.append(message.asText()));
    return text.toString();
  }

  /** lm_eval/api/utils.py, multiturn_to_singleturn. */
  private static List<Message> singleTurn(List<Message> messages) {
    var turns = new ArrayList<Message>();
    var rest = new ArrayList<>(messages);
    if (rest.get(0).role().equals("system")) {
      turns.add(rest.remove(0));
    }
    Optional<Message> prefill = Optional.empty();
    if (rest.get(rest.size() - 1).role().equals("assistant")) {
      prefill = Optional.of(rest.remove(rest.size() - 1));
    }
    Message last = rest.remove(rest.size() - 1);
    turns.add(new Message("user", text(rest) + last.content(), ""));
    prefill.ifPresent(turns::add);
    return turns;
  }

  /** lm_eval/models/huggingface.py, apply_chat_template. */
  private static String chat(ChatTemplate template, List<Message> turns, boolean generates) {
    try {
      return rendered(template, turns, generates);
    } catch (JinjaException e) {
      if (!turns.get(0).role().equals("system")) {
        throw new BadInputException(
            "the chat template refuses the conversation: " + e.getMessage() + ".", e);
      }
      // Some templates know no system role; lm-eval then leaves the system turn out.
      return rendered(template, turns.subList(1, turns.size()), generates);
    }
  }

  private static String rendered(ChatTemplate template, List<Message> turns, boolean generates) {
    if (generates) {
      return template.render(turns.stream().map(Message::asChat).toList(), List.of(), true);
    }
    // The conversation goes on after the prefill: what the template closes it with is cut off at a
    // mark; whether the mark keeps its space tells whether the template strips contents
    // (transformers 5, utils/chat_template_utils.py, continue_final_message).
    var marked = new ArrayList<>(turns);
    Message prefill = marked.remove(marked.size() - 1);
    marked.add(new Message(prefill.role(), prefill.content() + END_OF_PREFILL + " ", ""));
    String text = template.render(marked.stream().map(Message::asChat).toList(), List.of(), false);
    int end = text.lastIndexOf(END_OF_PREFILL);
    if (end < 0) {
      throw new BadInputException(
          "the chat template leaves out the text that the answer begins with (gen_prefix).");
    }
    String head = text.substring(0, end);
    return text.startsWith(END_OF_PREFILL + " ", end) ? head : PythonText.rstrip(head);
  }

  /** A value of the wrong kind in a document. */
  private static final class NotTextException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotTextException(String message) {
      super(message);
    }
  }
}

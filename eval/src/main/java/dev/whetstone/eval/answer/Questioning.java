package dev.whetstone.eval.answer;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.eval.prompt.RenderedDocument;
import dev.whetstone.eval.task.OutputType;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.engine.LanguageModel.Answers;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.LanguageModel.Score;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** Asks a model all questions of a task. */
public final class Questioning {
  private final LanguageModel model;
  private final long seed;

  /**
   * @param model stays the caller's to close
   * @param seed of answers that are sampled
   */
  public Questioning(LanguageModel model, long seed) {
    this.model = model;
    this.seed = seed;
  }

  /**
   * The answers by document and request, in order; progress goes to standard error.
   *
   * @param log holds those of an interrupted run, and takes the others as they are made
   */
  public TaskAnswers ask(TaskConfig task, List<RenderedDocument> documents, AnswerLog.OfTask log) {
    var encoding = new RequestEncoding(model.tokenizer(), model.maxLength());
    return task.outputType() == OutputType.GENERATE_UNTIL
        ? generate(task, documents, encoding, log)
        : score(task, documents, encoding, log);
  }

  /** Turns a batch of the model's answers into ours and logs it with its time. */
  private static final class Logged<T> implements Answers<T> {
    private final AnswerLog.OfTask log;
    private final BiFunction<Integer, T, Answer> answer;
    private long last = System.nanoTime();

    Logged(AnswerLog.OfTask log, BiFunction<Integer, T, Answer> answer) {
      this.log = log;
      this.answer = answer;
    }

    @Override
    public boolean has(int request) {
      return log.has(request);
    }

    @Override
    public void add(Map<Integer, T> batch) {
      long now = System.nanoTime();
      var answers = new TreeMap<Integer, Answer>();
      batch.forEach((request, made) -> answers.put(request, answer.apply(request, made)));
      log.add(answers, (now - last) / 1e9);
      last = now;
    }
  }

  private TaskAnswers score(
      TaskConfig task,
      List<RenderedDocument> documents,
      RequestEncoding encoding,
      AnswerLog.OfTask log) {
    var requests = new ArrayList<ScoreRequest>();
    long promptTokens = 0;
    for (RenderedDocument document : documents) {
      for (int i = 0; i < document.continuations().size(); i++) {
        String context = document.contexts().get(i);
        String continuation = document.continuations().get(i);
        ScoreRequest request = located(task, document, d -> encoding.pair(context, continuation));
        promptTokens += request.context().length;
        requests.add(request);
      }
    }
    var answers = new Logged<Score>(log, (i, score) -> answer(requests.get(i), score));
    withProgress(task, requests.size(), progress -> model.score(requests, answers, progress));
    return new TaskAnswers(
        byDocument(log.inOrder(requests.size()), documents, d -> d.continuations().size()),
        encoding.truncated(),
        promptTokens,
        log.seconds());
  }

  private static Answer answer(ScoreRequest request, Score score) {
    var logProbs = new ArrayList<Float>();
    for (float logProb : score.logProbs()) {
      logProbs.add(logProb);
    }
    return new Answer(list(request.continuation()), logProbs, score.greedy(), "", "");
  }

  private TaskAnswers generate(
      TaskConfig task,
      List<RenderedDocument> documents,
      RequestEncoding encoding,
      AnswerLog.OfTask log) {
    GenerationRule rule = GenerationRule.of(task, model.tokenizer(), seed);
    var requests = new ArrayList<GenerateRequest>();
    long promptTokens = 0;
    for (RenderedDocument document : documents) {
      int[] prompt =
          located(task, document, d -> encoding.prompt(d.contexts().get(0), rule.maxNewTokens()));
      promptTokens += prompt.length;
      requests.add(new GenerateRequest(prompt, rule.settings(document.docId())));
    }
    var answers =
        new Logged<Generation>(
            log,
            (i, made) ->
                new Answer(
                    list(made.tokens()),
                    List.of(),
                    false,
                    rule.cut(made.text()),
                    made.finish().name()));
    withProgress(task, requests.size(), progress -> model.generate(requests, answers, progress));
    return new TaskAnswers(
        byDocument(log.inOrder(requests.size()), documents, d -> 1),
        encoding.truncated(),
        promptTokens,
        log.seconds());
  }

  private static <T> T located(
      TaskConfig task, RenderedDocument document, Function<RenderedDocument, T> work) {
    try {
      return work.apply(document);
    } catch (BadInputException e) {
      throw new BadInputException(
          "%s, document %d: %s".formatted(task.file(), document.docId(), e.getMessage()), e);
    }
  }

  private static void withProgress(TaskConfig task, int requests, Consumer<LongConsumer> work) {
    try (Progress progress = Progress.of("eval " + task.name(), requests)) {
      work.accept(done -> progress.to(done, ""));
    }
  }

  private static List<Integer> list(int[] tokens) {
    return Arrays.stream(tokens).boxed().toList();
  }

  private static List<List<Answer>> byDocument(
      List<Answer> answers,
      List<RenderedDocument> documents,
      Function<RenderedDocument, Integer> requests) {
    var grouped = new ArrayList<List<Answer>>();
    int from = 0;
    for (RenderedDocument document : documents) {
      int to = from + requests.apply(document);
      grouped.add(List.copyOf(answers.subList(from, to)));
      from = to;
    }
    return grouped;
  }
}

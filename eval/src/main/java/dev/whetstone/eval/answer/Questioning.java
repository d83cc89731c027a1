package dev.whetstone.eval.answer;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.eval.prompt.RenderedDocument;
import dev.whetstone.eval.task.OutputType;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.LanguageModel.Score;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** Asks a model all questions of a task. */
public final class Questioning {
  private final LanguageModel model;

  /**
   * @param model stays the caller's to close
   */
  public Questioning(LanguageModel model) {
    this.model = model;
  }

  /** The answers by document and request, in order; progress goes to standard error. */
  public TaskAnswers ask(TaskConfig task, List<RenderedDocument> documents) {
    var encoding = new RequestEncoding(model.tokenizer(), model.maxLength());
    return task.outputType() == OutputType.GENERATE_UNTIL
        ? generate(task, documents, encoding)
        : score(task, documents, encoding);
  }

  private TaskAnswers score(
      TaskConfig task, List<RenderedDocument> documents, RequestEncoding encoding) {
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
    long start = System.nanoTime();
    List<Score> scores = withProgress(task, requests.size(), p -> model.score(requests, p));
    double seconds = (System.nanoTime() - start) / 1e9;
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < requests.size(); i++) {
      var logProbs = new ArrayList<Float>();
      for (float logProb : scores.get(i).logProbs()) {
        logProbs.add(logProb);
      }
      answers.add(
          new Answer(
              list(requests.get(i).continuation()), logProbs, scores.get(i).greedy(), "", ""));
    }
    return new TaskAnswers(
        byDocument(answers, documents, d -> d.continuations().size()),
        encoding.truncated(),
        promptTokens,
        seconds);
  }

  private TaskAnswers generate(
      TaskConfig task, List<RenderedDocument> documents, RequestEncoding encoding) {
    GenerationRule rule = GenerationRule.of(task, model.tokenizer());
    var requests = new ArrayList<GenerateRequest>();
    long promptTokens = 0;
    for (RenderedDocument document : documents) {
      int[] prompt =
          located(task, document, d -> encoding.prompt(d.contexts().get(0), rule.maxNewTokens()));
      promptTokens += prompt.length;
      requests.add(new GenerateRequest(prompt, rule.maxNewTokens(), rule.stop()));
    }
    long start = System.nanoTime();
    List<Generation> texts = withProgress(task, requests.size(), p -> model.generate(requests, p));
    double seconds = (System.nanoTime() - start) / 1e9;
    var answers = new ArrayList<Answer>();
    for (Generation text : texts) {
      answers.add(
          new Answer(
              list(text.tokens()), List.of(), false, rule.cut(text.text()), text.finish().name()));
    }
    return new TaskAnswers(
        byDocument(answers, documents, d -> 1), encoding.truncated(), promptTokens, seconds);
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

  private static <T> List<T> withProgress(
      TaskConfig task, int requests, Function<LongConsumer, List<T>> work) {
    try (Progress progress = Progress.of("eval " + task.name(), requests)) {
      List<T> answers = work.apply(done -> progress.to(done, ""));
      if (answers.size() != requests) {
        throw new IllegalStateException(
            "%d answers to %d requests".formatted(answers.size(), requests));
      }
      return answers;
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

package dev.whetstone.models.engine;

import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A loaded model, with or without an adapter, as evaluation sees it: token ids in, numbers and text
 * out, no tensors. Not thread-safe. Closing it frees the native memory.
 */
public interface LanguageModel extends AutoCloseable {
  /** A continuation to score after a context; neither is empty. */
  record ScoreRequest(int[] context, int[] continuation) {}

  /**
   * @param logProbs of each continuation token given all before it, in nats, float32, [C]
   * @param greedy whether every continuation token is the most probable one
   * @param sum over the continuation, in nats
   */
  record Score(float[] logProbs, boolean greedy, double sum) {
    /** Adds up in double. */
    public Score(float[] logProbs, boolean greedy) {
      this(logProbs, greedy, add(logProbs));
    }

    private static double add(float[] logProbs) {
      double sum = 0;
      for (float logProb : logProbs) {
        sum += logProb;
      }
      return sum;
    }
  }

  /**
   * @param prompt token ids, not empty
   */
  record GenerateRequest(int[] prompt, GenerationSettings settings) {
    /** Greedy, as {@link GenerationSettings#greedy}. */
    public GenerateRequest(int[] prompt, int maxNewTokens, List<String> stop) {
      this(prompt, GenerationSettings.greedy(maxNewTokens, stop));
    }
  }

  /** Why a generation ended. */
  enum Finish {
    /** The model ended it, or it is a document of its schema to which nothing can be added. */
    END_OF_TEXT,
    STOP_STRING,
    /** The limit of tokens cut it: what had to fit a schema may be incomplete. */
    LENGTH
  }

  /**
   * @param text without stop string and special tokens
   * @param tokens that it came from, those of a stop string among them
   * @param settings all that were used
   */
  record Generation(String text, int[] tokens, Finish finish, GenerationSettings settings) {}

  Tokenizer tokenizer();

  Optional<ChatTemplate> chatTemplate();

  /** Longest context in tokens, prompt and answer together. */
  int maxLength();

  /**
   * Where answers go as they are made, so that an interrupted run keeps them.
   *
   * @param <T> {@link Score} or {@link Generation}
   */
  interface Answers<T> {
    /** Whether the answer to a request is there already: it is not made again. */
    boolean has(int request);

    /**
     * Takes the answers of a batch, by the index of their requests. Batches are the same in every
     * run of the same requests, and one that lacks an answer is computed whole, so that an
     * interrupted run that goes on ends with the same bytes.
     */
    void add(Map<Integer, T> batch);
  }

  /**
   * Scores all requests that {@code answers} lacks; shared prefixes are computed once.
   *
   * @param progress is told the number of requests done so far, those of an earlier run included
   */
  void score(List<ScoreRequest> requests, Answers<Score> answers, LongConsumer progress);

  /**
   * Generation in batches for all requests that {@code answers} lacks, each by its own settings:
   * what it draws does not depend on the others. {@code progress} is told the number of requests
   * done so far.
   */
  void generate(List<GenerateRequest> requests, Answers<Generation> answers, LongConsumer progress);

  /** One score per request, in their order. */
  default List<Score> score(List<ScoreRequest> requests, LongConsumer progress) {
    var all = new AllAnswers<Score>(requests.size());
    score(requests, all, progress);
    return all.inOrder();
  }

  /** One generation per request, in their order. */
  default List<Generation> generate(List<GenerateRequest> requests, LongConsumer progress) {
    var all = new AllAnswers<Generation>(requests.size());
    generate(requests, all, progress);
    return all.inOrder();
  }

  @Override
  void close();
}

package dev.whetstone.eval;

import dev.whetstone.eval.prompt.PromptStyle;
import dev.whetstone.models.engine.Numerics;
import java.util.List;

/**
 * One evaluation: the section {@code eval} of a recipe, and the options of the command.
 *
 * @param tasks names of tasks or tags, or paths of YAML files
 * @param includePath folder of task files, empty for none
 * @param model model folder; in a recipe by default that of the whole recipe
 * @param adapter adapter folder, empty for none
 * @param numFewshot shots, -1 for what each task says
 * @param limit documents a task from the first on, 0 for all
 * @param applyChatTemplate whether prompts are chats
 * @param fewshotAsMultiturn whether shots are turns of the chat, or all in one user turn
 * @param systemInstruction before everything, empty for none
 * @param seed of the shots and of answers that are sampled
 * @param tokenBudget tokens of one forward pass; log-likelihoods depend on it within 1e-4
 * @param numerics in which types the model is computed, by the names of {@link Numerics}
 */
public record EvalConfig(
    List<String> tasks,
    String includePath,
    String model,
    String adapter,
    Integer numFewshot,
    Integer limit,
    Boolean applyChatTemplate,
    Boolean fewshotAsMultiturn,
    String systemInstruction,
    Long seed,
    Integer tokenBudget,
    String numerics) {

  /** Tokens of one forward pass. */
  public static final int DEFAULT_TOKEN_BUDGET = 512;

  public EvalConfig {
    tasks = tasks == null ? List.of() : List.copyOf(tasks);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("tasks: expected at least one name.");
    }
    includePath = includePath == null ? "" : includePath;
    model = model == null ? "" : model;
    adapter = adapter == null ? "" : adapter;
    numFewshot = numFewshot == null ? -1 : numFewshot;
    if (numFewshot < -1) {
      throw new IllegalArgumentException("num_fewshot must be >= 0: " + numFewshot);
    }
    limit = limit == null ? 0 : limit;
    if (limit < 0) {
      throw new IllegalArgumentException("limit must be >= 0 (0 for all): " + limit);
    }
    applyChatTemplate = applyChatTemplate != null && applyChatTemplate;
    fewshotAsMultiturn = fewshotAsMultiturn == null || fewshotAsMultiturn;
    systemInstruction = systemInstruction == null ? "" : systemInstruction;
    seed = seed == null ? PromptStyle.DEFAULT_SEED : seed;
    tokenBudget = tokenBudget == null ? DEFAULT_TOKEN_BUDGET : tokenBudget;
    if (tokenBudget < 32) {
      throw new IllegalArgumentException("token_budget must be >= 32: " + tokenBudget);
    }
    numerics = Numerics.of(numerics == null ? Numerics.FLOAT32.label() : numerics).label();
  }

  /** What scores depend on, without paths: part of the step's id. */
  Settings settings() {
    return new Settings(
        numFewshot,
        limit,
        applyChatTemplate,
        fewshotAsMultiturn,
        systemInstruction,
        seed,
        tokenBudget,
        numerics);
  }

  /** See {@link EvalConfig}. */
  record Settings(
      int numFewshot,
      int limit,
      boolean applyChatTemplate,
      boolean fewshotAsMultiturn,
      String systemInstruction,
      long seed,
      int tokenBudget,
      String numerics) {}
}

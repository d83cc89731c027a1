package dev.whetstone.eval;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.recipe.Recipe;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description =
        "Scores a model, with or without an adapter, on tasks, and writes lm-evaluation-harness'"
            + " files. Options are named as there; underscores work too.",
    footer = {
      "",
      "Examples:",
      "  whetstone eval --model models/smol --tasks orders --include-path tasks --out out/base",
      "  whetstone eval --model models/smol --adapter out/run/adapter --tasks orders \\",
      "      --include-path tasks --apply-chat-template --out out/tuned",
      "  whetstone eval recipe.yaml --set eval.limit=20 --out out/eval"
    })
final class EvalCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RECIPE",
      description = "Recipe whose section \"eval\" is run, in place of the options.")
  private Path recipe;

  @Option(
      names = "--set",
      paramLabel = "SECTION.KEY=VALUE",
      description = "Overrides a key of the recipe.")
  private List<String> sets = List.of();

  @Option(names = "--model", description = "Model folder.")
  private String model;

  @Option(
      names = {"--adapter", "--peft"},
      description = "PEFT LoRA adapter folder.")
  private String adapter;

  @Option(
      names = "--tasks",
      split = ",",
      description = "Names of tasks or tags, or paths of task files, with commas between.")
  private List<String> tasks;

  @Option(
      names = {"--include-path", "--include_path"},
      description = "Folder of task files (lm-eval's YAML).")
  private String includePath;

  @Option(
      names = {"--num-fewshot", "--num_fewshot"},
      description = "Shots; by default what each task says.")
  private Integer numFewshot;

  @Option(names = "--limit", description = "Only the first so many documents of each task.")
  private Integer limit;

  @Option(
      names = {"--apply-chat-template", "--apply_chat_template"},
      description = "Ask in the model's chat format.")
  private Boolean applyChatTemplate;

  @Option(
      names = {"--fewshot-as-multiturn", "--fewshot_as_multiturn"},
      arity = "0..1",
      fallbackValue = "true",
      description = "Shots as turns of the chat (default), or with \"false\" in one user turn.")
  private Boolean fewshotAsMultiturn;

  @Option(
      names = {"--system-instruction", "--system_instruction"},
      description = "Text before everything else.")
  private String systemInstruction;

  @Option(
      names = "--seed",
      description = "Seed of the shots and of sampled answers (default: 1234, as lm-eval).")
  private Long seed;

  @Option(
      names = {"--token-budget", "--token_budget"},
      description = "Tokens of one forward pass (default: 512).")
  private Integer tokenBudget;

  @Option(
      names = "--numerics",
      paramLabel = "NAME",
      description =
          "float32 (default) computes every model in float32; lm-eval in the types that lm-eval's"
              + " dtype=auto takes, bfloat16 where the model's files are.")
  private String numerics;

  @Option(
      names = {"--out", "--output-path", "--output_path"},
      required = true,
      description = "Result folder to write.")
  private Path out;

  @Option(names = "--overwrite", description = "Replace a finished folder of other work.")
  private boolean overwrite;

  @Override
  public Integer call() {
    EvalConfig config = recipe == null ? fromOptions() : fromRecipe();
    if (config.model().isEmpty()) {
      throw new BadInputException("expected a model: --model DIR, or \"model\" in the recipe.");
    }
    var run =
        new EvaluationRun(
            config,
            FolderCandidate.open(config.model(), config.adapter()),
            out,
            Clock.system(ZoneId.systemDefault()));
    System.out.println(run.run(overwrite).path());
    return 0;
  }

  private EvalConfig fromOptions() {
    if (!sets.isEmpty()) {
      throw new BadInputException("--set needs a recipe; name it as the first argument.");
    }
    try {
      return options();
    } catch (IllegalArgumentException e) {
      throw new BadInputException(e.getMessage(), e);
    }
  }

  private EvalConfig options() {
    return new EvalConfig(
        tasks,
        includePath,
        model,
        adapter,
        numFewshot,
        limit,
        applyChatTemplate,
        fewshotAsMultiturn,
        systemInstruction,
        seed,
        tokenBudget,
        numerics);
  }

  /** Options beside a recipe win over its keys. */
  private EvalConfig fromRecipe() {
    Recipe read = Recipe.read(recipe, sets);
    EvalConfig section = read.section("eval", EvalConfig.class);
    try {
      return new EvalConfig(
          tasks == null ? section.tasks() : tasks,
          includePath == null ? section.includePath() : includePath,
          model != null
              ? model
              : section.model().isEmpty() ? read.model().orElse("") : section.model(),
          adapter == null ? section.adapter() : adapter,
          numFewshot == null ? section.numFewshot() : numFewshot,
          limit == null ? section.limit() : limit,
          applyChatTemplate == null ? section.applyChatTemplate() : applyChatTemplate,
          fewshotAsMultiturn == null ? section.fewshotAsMultiturn() : fewshotAsMultiturn,
          systemInstruction == null ? section.systemInstruction() : systemInstruction,
          seed == null ? section.seed() : seed,
          tokenBudget == null ? section.tokenBudget() : tokenBudget,
          numerics == null ? section.numerics() : numerics);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(e.getMessage(), e);
    }
  }
}

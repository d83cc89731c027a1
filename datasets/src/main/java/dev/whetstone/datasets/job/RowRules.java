package dev.whetstone.datasets.job;

import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.PersonalData;
import java.io.Serializable;

/**
 * What a job does to each row by itself.
 *
 * @param clean to its text
 * @param personalData to personal data and secrets in it
 */
record RowRules(CleanRules clean, PersonalData personalData) implements Serializable {}

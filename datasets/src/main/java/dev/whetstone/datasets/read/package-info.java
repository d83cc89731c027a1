/** Source formats: how people lay out conversations, one class each. */
package dev.whetstone.datasets.read;

import type { EventView } from '../events/event-view.js';
import type { ContainerState } from './container-state.js';
import type { ExistingContainer } from './described-container.js';
import { DerivedView } from './derived-view.js';
import { RunChange } from './run-change.js';
import { ShownEvent } from './shown-event.js';

/**
 * An entry with a daemon's description of a container. It is not shown as an event, but is part of
 * the container's state.
 */
export class ContainerDescription extends DerivedView {
  constructor(
    readonly description: ExistingContainer,
    view: EventView,
  ) {
    super(view);
  }
}

/** An entry as Docker clients see it: an event, or a change of a container without one. */
export type DockerNews = ShownEvent | ContainerDescription | RunChange;

/** The id of the container, or of the other object, that news are about. */
export function idOf(news: DockerNews): string {
  if (news instanceof ShownEvent) return news.fields.actorId;
  return news instanceof RunChange ? news.id : news.description.container.id;
}

/** Applies news of its container to a state. */
export function applyNews(state: ContainerState, news: DockerNews): void {
  if (news instanceof ShownEvent) state.apply(news);
  else if (news instanceof RunChange) state.applyChange(news);
  else state.describe(news.description, news.offset);
}

import { Component } from 'react';
import type { ReactNode } from 'react';

/** A view that breaks says so, and takes nothing else with it. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <p className="notice" role="alert">
        This view broke, which is a bug of the console: {error.message}
      </p>
    );
  }
}

/** Drawing of maps; apart from the rest of the library, so that only pages with a map load it. */
import "@xyflow/react/dist/base.css";
export { getViewportForBounds, Handle, MiniMap, Position, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
export type { Edge as FlowEdge, Node as FlowNode, NodeProps } from "@xyflow/react";

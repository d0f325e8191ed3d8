import { Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";

interface FilterMenuProps<T> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

/** A chip that names what a list is narrowed by, and a menu to choose it. */
export function FilterMenu<T>({ label, value, options, onChange }: FilterMenuProps<T>) {
  return (
    <Menu position="bottom-start" offset={4} width={200} withinPortal>
      <Menu.Target>
        <button type="button" className="chip">
          {label}: <b>{options.find(([option]) => option === value)?.[1]}</b>
          <IconChevronDown size={14} stroke={1.75} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map(([option, name]) => (
          <Menu.Item key={name} onClick={() => onChange(option)} role="menuitemradio" aria-checked={option === value}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

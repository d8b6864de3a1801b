"""What goes wrong around the machine: the link, phones, trunks, the CRM, processes, the clock."""

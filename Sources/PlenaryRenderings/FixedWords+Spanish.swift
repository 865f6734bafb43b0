extension FixedWords {
  /// The words in Spanish: a key and what is said, a line each.
  static let spanish = """
    document.contents Índice
    document.skip Ir al texto
    document.report Informe de resultados
    document.about Acerca de este documento
    document.classification Distribución
    document.version Versión de las reglas
    document.replaced Sustituye el contenido con la huella
    annex Anexo
    part.A Mandato y antecedentes
    part.B Los diálogos
    part.C Resultados y conclusiones por tema
    part.D Recomendaciones
    part.E Consultas
    annex.1 Asociados
    annex.2 Fuentes
    annex.3 Lagunas y elementos reservados
    annex.4 Registros en que se basa el informe
    part.PART_A Parte A
    part.PART_B Parte B
    part.PART_C Parte C
    part.PART_D Parte D
    part.PART_E Parte E
    part.ANNEXES Anexos
    label.series Serie
    label.launched Puesta en marcha
    label.focus Región
    label.owner A cargo de
    label.aims Objetivos
    label.initiative Iniciativa
    label.adoptedBy Aprobado por
    label.adopted Fecha de aprobación
    label.address Disponible en
    label.paragraph Párrafo
    label.verb Verbo dispositivo
    label.advisee Debe asesorar a
    label.groups Debe consultarse a
    label.date Fechas
    label.place Lugar
    label.venue Sede
    label.format Formato
    label.participants Participantes
    label.panel Panel
    label.moderator Moderación
    label.panellists Panelistas
    label.interventions Intervenciones
    label.group Grupo de trabajo
    label.chair Presidencia
    label.rapporteur Relatoría
    label.members Miembros
    label.contributor Aportado por
    label.recommendation Recomendación
    label.state Estado
    label.addressee Destinatario
    label.directive En virtud de
    label.priority Prioridad
    label.due Plazo
    label.response Respuesta
    label.grounds Se basa en
    label.followUps Seguimiento
    label.successor Sustituida por
    label.stakeholders Grupo de interesados
    label.elsewhere Fuera de estos diálogos
    label.organization Organización
    label.role Función
    label.subject En
    label.period Período
    label.contribution Contribución
    label.record Registro
    label.digest SHA-256
    label.contentDigest Huella del contenido
    label.revision Revisión del registro
    label.treeHead Cabeza del árbol de auditoría
    label.missing Lagunas
    label.withheld Elementos reservados
    text.chathamHouse Celebrado con arreglo a la regla de Chatham House: no se nombra a ningún participante.
    text.fewerThan menos de %
    text.redacted Nombre suprimido el %
    text.redactedUndated Nombre suprimido
    text.machine traducción automática
    text.more y % más
    text.nothingFound No consta nada sobre este tema.
    text.noPanels No constan paneles.
    text.noSummary No consta ningún resumen.
    text.noResults No constan resultados.
    text.none Ninguno.
    text.notConsulted no consultado
    text.otherThemes Sin tema
    text.waived dispensado: %
    text.since desde %
    text.until hasta %
    figure.timeline Los diálogos en el tiempo
    figure.timeline.about Los diálogos del primero al último. Las fechas y los lugares figuran en el texto siguiente.
    figure.partners Asociados por función
    figure.partners.about Las líneas unen las organizaciones con sus funciones. La tabla siguiente dice lo mismo.
    format.WORKSHOP taller
    format.CONFERENCE conferencia
    format.PANEL mesa redonda
    format.OPEN_BRIEFING reunión informativa abierta
    modality.IN_PERSON presencial
    modality.ONLINE en línea
    modality.HYBRID híbrida
    role.LAUNCHER Impulsor
    role.ORGANIZER Organizador
    role.CO_ORGANIZER Coorganizador
    role.HOST Anfitrión
    role.COOPERATING En cooperación con
    role.SUPPORTER Con el apoyo de
    role.ADDITIONAL_SUPPORTER Con el apoyo adicional de
    role.FUNDER Financiador
    role.KNOWLEDGE_PARTNER Asociado en conocimientos
    finding.EXPERIENCE Experiencia
    finding.CHALLENGE Desafíos
    finding.GOOD_PRACTICE Buenas prácticas
    finding.CONCLUSION Conclusiones
    advice.DRAFT borrador
    advice.SUBMITTED presentada
    advice.ACCEPTED aceptada
    advice.PARTIALLY_ACCEPTED aceptada parcialmente
    advice.REJECTED rechazada
    advice.IMPLEMENTING en aplicación
    advice.IMPLEMENTED aplicada
    advice.WITHDRAWN retirada
    advice.SUPERSEDED sustituida
    priority.LOW baja
    priority.MEDIUM media
    priority.HIGH alta
    stakeholders.MEMBER_STATES Estados Miembros
    stakeholders.INTERNATIONAL_ORGANIZATIONS Organizaciones internacionales
    stakeholders.REGIONAL_ORGANIZATIONS Organizaciones regionales
    stakeholders.SUBREGIONAL_ORGANIZATIONS Organizaciones subregionales
    stakeholders.PRIVATE_SECTOR Sector privado
    stakeholders.CIVIL_SOCIETY Sociedad civil
    verb.NOTES observa
    verb.CALLS_UPON exhorta
    verb.ENCOURAGES alienta
    verb.REQUESTS solicita
    verb.DIRECTS encomienda
    verb.DECIDES decide
    intervention.ADDRESS Discurso
    intervention.STATEMENT Declaración
    intervention.PRESENTATION Ponencia
    gap.GROUP_WITHOUT_RESULTS Un grupo de trabajo no tiene resultados
    gap.PANEL_WITHOUT_SUMMARY Un panel no tiene resumen
    gap.DIALOGUE_WITHOUT_PANELS No constan paneles
    gap.THEME_WITHOUT_FINDINGS Un tema no tiene conclusiones
    gap.DIALOGUE_NOT_CONCLUDED Un diálogo no ha concluido
    report.DRAFT borrador
    report.COMPILED compilado, aún no examinado
    report.IN_REVIEW en examen
    report.APPROVED aprobado
    report.PUBLISHED publicado
    report.SUPERSEDED sustituido
    report.DELETED suprimido
    """
}
